"""What a person decides about rules and bundles, and what changed between two versions."""
