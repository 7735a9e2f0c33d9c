"""The learned ranking of a cart's candidates: signals → one blend → one small network → a probability.

`gather` and `describe` are the compiled kernel; the very same kernel makes the rows that training fits on, so that a
signal cannot mean one thing there and another here.
"""
