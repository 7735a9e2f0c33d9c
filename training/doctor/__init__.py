"""The order-data doctor: what is in a file of orders, what is wrong with it, and what training makes of it."""

from training.doctor.check import Checked, check_orders
from training.doctor.report import Example, Finding, Readiness, Report

__all__ = ["Checked", "Example", "Finding", "Readiness", "Report", "check_orders"]
