"""Control groups' limits, in the two versions, as files tell them."""

from pathlib import Path

from training.memory import groups_leave


def group(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in files.items():
        (folder / name.replace("_", ".", 1)).write_text(f"{value}\n")


def test_the_second_version_with_a_limit_above_and_below(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("0::/slice/shop\n")
    mount = tmp_path / "mount"
    group(mount / "slice" / "shop", memory_max=1000, memory_current=700, memory_stat="active_file 9\ninactive_file 50")
    group(mount / "slice", memory_max="max", memory_current=900)
    group(mount, memory_max=5000, memory_current=4900)
    assert groups_leave(tmp_path / "own", mount) == [350, 100]


def test_the_first_version(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("4:memory:/shop\n1:cpu:/other\n")
    mount = tmp_path / "mount"
    files = {"memory_limit_in_bytes": 1000, "memory_usage_in_bytes": 1200, "memory_stat": "total_inactive_file 150"}
    group(mount / "memory" / "shop", **files)
    assert groups_leave(tmp_path / "own", mount) == [0]


def test_a_container_that_sees_its_own_group_as_the_outermost(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("0::/docker/3f\n")
    group(tmp_path / "mount", memory_max=1000, memory_current=300)
    assert groups_leave(tmp_path / "own", tmp_path / "mount") == [700]


def test_a_machine_without_control_groups(tmp_path: Path) -> None:
    assert groups_leave(tmp_path / "own", tmp_path) == []
