def test_items_that_the_catalog_lacks_are_told(examine, finding):
    checked = examine(
        """
        order_id item_id
        1 cup
        1 jug
        2 jug
        2 mug
        """,
        catalog=["cup", "tub"],
    )
    found = finding(checked, "unlisted-items")
    assert (found.lines, found.orders) == (3, 2)
    assert found.what == "The catalog lacks 2 items that orders name."
    assert found.examples == (
        {"line": 2, "item_id": "jug", "lines": 2},
        {"line": 4, "item_id": "mug", "lines": 1},
    )


def test_without_a_catalog_nothing_is_lacking(examine):
    assert "unlisted-items" not in {one.code for one in examine("order_id item_id\n1 cup").report.findings}
