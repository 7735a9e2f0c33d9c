"""What the merchant decides: rules, placements of the shop's own, and offers, from one policy file."""
