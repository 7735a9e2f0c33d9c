"""The tiny shop's twelve orders as training reads them."""

import numpy as np
from tiny_shop import CUSTOMERS_OF_ORDERS, ITEM_IDS, ORDERS, order_time

from training.baskets import Baskets


def tiny_baskets() -> Baskets:
    customer_ids = list(CUSTOMERS_OF_ORDERS)
    customers = [-1] * len(ORDERS)
    for row, days in enumerate(CUSTOMERS_OF_ORDERS.values()):
        for day in days:
            customers[day - 1] = row
    lines = sum(map(len, ORDERS))
    return Baskets(
        item_ids=ITEM_IDS,
        customer_ids=customer_ids,
        offsets=np.cumsum([0, *map(len, ORDERS)]).astype(np.int64),
        items=np.array([ITEM_IDS.index(item) for order in ORDERS for item in order], np.int32),
        quantities=np.ones(lines, np.float32),
        prices=np.full(lines, np.nan),
        costs=np.full(lines, np.nan),
        times=np.array([order_time(day) for day in range(1, len(ORDERS) + 1)], np.int64),
        customers=np.array(customers, np.int32),
        countable=np.ones(len(ORDERS), np.bool_),
        returned=np.zeros(len(ITEM_IDS)),
        sold=np.zeros(len(ITEM_IDS)),
    )
