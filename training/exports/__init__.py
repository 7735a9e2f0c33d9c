"""Bundles, lists and rules for other systems: a target each, written whole with a manifest."""
