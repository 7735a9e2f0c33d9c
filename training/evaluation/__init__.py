"""The back-test that people read: goeswith beside tuned peers on the orders that came last."""
