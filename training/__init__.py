"""Orders in, a model out: reading, checking, counting, factorizing, measuring, publishing."""
