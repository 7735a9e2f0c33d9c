"""The compiled counting of itemsets. Nothing but the kernel lies here: its machine code is named after this folder."""
