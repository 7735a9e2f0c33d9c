"""Ask the running demo what goes with a cart, and refuse an answer that a shop could not use: ask_a_cart.py PORT."""

from __future__ import annotations

import json
import sys
from http.client import HTTPConnection

CART = ["1098066", "1096036", "833025"]
KINDS = {"bought-together", "similar-baskets", "category", "bestseller"}

connection = HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
body = json.dumps({"items": CART, "k": 10})
connection.request("POST", "/v1/suggestions", body, {"Content-Type": "application/json"})
response = connection.getresponse()
text = response.read().decode()
if response.status != 200:
    sys.exit(f"the demo answered {response.status}, not 200: {text}")

answer = json.loads(text)
suggestions = answer["suggestions"]
shown = [suggestion["item_id"] for suggestion in suggestions]
reasons = [suggestion["reason"] for suggestion in suggestions]
for suggestion in suggestions:
    print(f"{suggestion['item_id']:>9}  {suggestion['title']:<40}  {suggestion['reason']['text']}")

problems = {
    f"{len(shown)} suggestions, not ten": len(shown) != 10,
    "an item of the cart is suggested": bool(set(shown) & set(CART)),
    "an item is suggested twice": len(set(shown)) != len(shown),
    "an item of the cart is called unknown": bool(answer["missing_items"]),
    "a reason is of no known kind": not {reason["kind"] for reason in reasons} <= KINDS,
    "a reason says nothing": not all(reason["text"] for reason in reasons),
    "nothing was bought together with the cart": "bought-together" not in {reason["kind"] for reason in reasons},
}
if any(problems.values()):
    sys.exit("the demo's answer cannot be used: " + "; ".join(name for name, present in problems.items() if present))
