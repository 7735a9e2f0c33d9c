"""Which customers are worth most, and whom to win back: what they brought, and what is to be expected of them."""
