"""Fitting the ranking of a cart on baskets later than those that the counts were made from."""
