"""The compiled drawing of orders. Nothing but the kernel lies here: its machine code is named after this folder."""
