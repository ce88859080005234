"""What payers see: the cashier's pages in Chinese and English, rendered without any input or output but our own files."""

from paycenter.pages.language import choose_language
from paycenter.pages.renderer import (
    action_page,
    cashier_page,
    error_page,
    identification_page,
    pending_page,
)
from paycenter.pages.views import CashierView, Offer, Page

__all__ = [
    "CashierView",
    "Offer",
    "Page",
    "action_page",
    "cashier_page",
    "choose_language",
    "error_page",
    "identification_page",
    "pending_page",
]
