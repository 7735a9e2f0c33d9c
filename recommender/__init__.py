"""The core: a model of what goes with what, and how a cart is scored with it."""
