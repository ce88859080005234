"""Every word of the cashier's pages, Chinese beside English, so that neither can be forgotten."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from paycenter.pages.language import CHINESE

# Embeddings, overrides, isolates and their ends (Unicode Standard Annex 9, table 4).
_DIRECTION_MARKS: Final = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class Word(NamedTuple):
    """One phrase in both languages; names in braces are filled in when the page is made."""

    en: str
    zh: str


WORDS: Final[Mapping[str, Word]] = {
    # Frame
    "brand": Word("Cashier", "收银台"),
    "other_language": Word("中文", "English"),
    "skip": Word("Skip to the payment", "跳到支付内容"),
    "safety": Word(
        "You pay on the channel's own page or in its app. We never ask for your password.",
        "您将在支付渠道自己的页面或应用内付款，本页面不会索取您的支付密码。",
    ),
    "no_script": Word(
        "This page can't renew itself in your browser. Reload it to see how your payment stands.",
        "您的浏览器无法自动刷新本页，请手动刷新查看支付结果。",
    ),
    # Amount and time
    "pay_to": Word("Pay to {line}", "收款方：{line}"),
    "title_pay": Word("Pay {amount} to {line}", "向 {line} 支付 {amount}"),
    "time_left": Word("Time left", "剩余支付时间"),
    "minutes_left": Word("About {n} min left to pay", "剩余支付时间约 {n} 分钟"),
    "last_minute": Word("Less than a minute left to pay", "剩余支付时间不足一分钟"),
    "details": Word("Your order", "订单信息"),
    "item": Word("Item", "商品"),
    # Choosing
    "choose": Word("Choose how to pay", "选择支付方式"),
    "choose_other": Word("Not paid yet? Choose how to pay", "还未支付？请选择支付方式"),
    "no_offers": Word(
        "There is no way to pay this order here. Please go back to {line}.",
        "当前没有可用的支付方式，请返回“{line}”。",
    ),
    "closing_title": Word("This order is being closed", "订单正在关闭"),
    "closing_text": Word(
        "{line} has asked to close it, so that it can't be paid any more. If you have just paid, "
        "the result will appear here.",
        "“{line}”已申请关闭该订单，无法再发起支付。如果您刚刚完成付款，结果会显示在这里。",
    ),
    # Waiting
    "checking": Word("Checking your payment…", "正在确认支付结果…"),
    "checking_text": Word(
        "If you have paid, the result will appear here in a moment. There is no need to pay again.",
        "如果您已付款，结果将很快显示，请勿重复支付。",
    ),
    "still_checking": Word("We have not seen a payment yet", "暂未收到付款"),
    "still_checking_text": Word(
        "If you have paid, leave this page open: we keep asking. If not, choose a way to pay below.",
        "如果您已付款，请保持本页打开，我们会继续查询；如果还未付款，请在下方选择支付方式。",
    ),
    "asking": Word("We are asking the channel…", "正在与支付渠道确认…"),
    "asking_text": Word(
        "It has not answered yet. This page goes on by itself as soon as it does; nothing has been charged twice.",
        "渠道尚未返回结果，收到后页面会自动更新，不会重复扣款。",
    ),
    "back_to_choice": Word("Choose another way to pay", "选择其他支付方式"),
    # The channel's form
    "leaving_title": Word("Taking you to {channel}", "正在前往{channel}"),
    "leaving_title_plain": Word("Taking you to the payment page", "正在前往支付页面"),
    "leaving_text": Word(
        "Pay there; afterwards it brings you back here.",
        "请在打开的页面中完成付款，付款后将返回本页。",
    ),
    "continue": Word("Continue to pay {amount}", "继续支付 {amount}"),
    # Who pays, asked inside the channel's own app
    "identify_title": Word("Asking {channel} who pays", "正在向{channel}确认付款账户"),
    "identify_text": Word(
        "{channel} tells us which account pays, and brings you back here.",
        "{channel}确认付款账户后将返回本页，请继续完成付款。",
    ),
    "identify_go": Word("Continue", "继续"),
    # Inside the channel's own app
    "bridge_title": Word("Pay with {channel}", "使用{channel}支付"),
    "bridge_title_plain": Word("Pay in this app", "请在当前应用内支付"),
    "bridge_text": Word(
        "Confirm in the window that opens. This page goes on by itself.",
        "请在弹出的支付窗口中确认付款，完成后本页会自动跳转。",
    ),
    "outside_app": Word(
        "Nothing opens? This way to pay works only inside the {channel} app. "
        "Open this page there, or choose another way.",
        "没有弹出支付窗口？该方式只能在{channel}内使用，请在{channel}中打开本页，或选择其他支付方式。",
    ),
    "outside_app_plain": Word(
        "Nothing opens? This way to pay works only inside the channel's own app. "
        "Open this page there, or choose another way.",
        "没有弹出支付窗口？该方式只能在支付渠道的应用内使用，请在其中打开本页，或选择其他支付方式。",
    ),
    "bridge_no_script": Word(
        "This way to pay needs scripts, which your browser does not run. Please choose another one.",
        "该支付方式需要启用脚本，请选择其他支付方式。",
    ),
    # What only an app of the business line can open
    "app_title": Word("Please pay in the app", "请在应用内支付"),
    "app_text": Word(
        "This way to pay opens only from the app of {line}. Nothing was charged. Please choose another one here.",
        "该支付方式只能从“{line}”的应用中打开，未发生扣款，请在此选择其他支付方式。",
    ),
    # The QR code
    "scan_title": Word("Scan with {channel}", "请使用{channel}扫码支付"),
    "scan_title_plain": Word("Scan to pay", "请扫码支付"),
    "scan_text": Word(
        "Open the app on your phone, scan the code and confirm. This page goes on by itself.",
        "打开手机应用扫描二维码并确认付款，完成后本页会自动跳转。",
    ),
    "qr_label": Word("QR code to pay {amount}", "支付 {amount} 的二维码"),
    "scan_waiting": Word("Waiting for your payment…", "等待支付中…"),
    "qr_expired": Word("This code has expired", "二维码已过期"),
    "qr_expired_text": Word(
        "If you have not paid yet, please choose again.", "如果还未付款，请重新选择支付方式。"
    ),
    "choose_again": Word("Choose again", "重新选择"),
    # Results
    "paid_title": Word("Paid", "支付成功"),
    "paid_text": Word("{line} has received your payment.", "“{line}”已收到您的付款。"),
    "going_back": Word("Taking you back to {line} in a moment.", "即将自动返回 {line}。"),
    "back_to_line": Word("Back to {line}", "返回 {line}"),
    "may_close": Word("You may close this page.", "您可以关闭本页。"),
    "closed_title": Word("This order is closed", "订单已关闭"),
    "closed_text": Word(
        "It can't be paid any more. If money has left your account, {line} can find the payment and settle it.",
        "订单已无法支付。如果您已扣款，请联系“{line}”核实处理。",
    ),
    "over_title": Word("The time to pay is over", "支付时间已结束"),
    "over_text": Word(
        "If you paid in time, the result will appear here. Otherwise please order again.",
        "如果您已按时付款，结果会显示在这里；否则请重新下单。",
    ),
    "look_again": Word("Look again", "重新查询"),
    # Errors
    "error_not_found": Word("We can't find this payment", "未找到该支付单"),
    "error_not_found_text": Word(
        "The address is incomplete or no longer valid. Please go back to where you ordered and try from there.",
        "链接不完整或已失效，请返回下单页面重新进入。",
    ),
    "error_order_not_payable": Word("This order can't be paid now", "订单当前无法支付"),
    "error_order_not_payable_text": Word(
        "It is paid, closed or being closed already. The cashier shows how it stands.",
        "订单可能已支付、已关闭或正在关闭，请返回收银台查看。",
    ),
    "error_too_many_payments": Word("Too many attempts", "尝试次数过多"),
    "error_too_many_payments_text": Word(
        "This order has been tried too often. Please order again.",
        "该订单支付尝试次数过多，请重新下单。",
    ),
    "error_channel_window_closed": Word("This way to pay is not open now", "该支付方式暂不可用"),
    "error_channel_window_closed_text": Word(
        "Too little time is left for it, or it does not answer at the moment. Please choose another way or order again.",
        "剩余时间不足，或该渠道暂时没有应答。请选择其他方式或重新下单。",
    ),
    "error_channel_refused": Word("The channel refused this payment", "支付渠道拒绝了该笔支付"),
    "error_channel_refused_text": Word(
        "Nothing was charged. Please choose another way to pay.", "未发生扣款，请选择其他支付方式。"
    ),
    "error_not_identified": Word("We could not tell who pays", "无法确认付款账户"),
    "error_not_identified_text": Word(
        "The channel did not confirm your account, or its confirmation was used already. Nothing was charged. "
        "Please go back to the cashier and choose again.",
        "支付渠道未确认您的付款账户，或该确认已失效，未发生扣款。请返回收银台重新选择支付方式。",
    ),
    "error_slow_down": Word("A little too fast", "操作过于频繁"),
    "error_slow_down_text": Word(
        "Please wait a few seconds, then try again.", "请稍候几秒后再试。"
    ),
    "error_try_again": Word("Please try again in a moment", "系统繁忙，请稍后再试"),
    "error_try_again_text": Word(
        "We could not finish this just now. Your order is safe, and trying again can't charge you twice.",
        "暂时无法完成操作。您的订单不受影响，重试不会重复扣款。",
    ),
    "error_malformed": Word("We can't read this request", "请求有误"),
    "error_malformed_text": Word(
        "Please go back to the cashier and choose a way to pay there.",
        "请返回收银台重新选择支付方式。",
    ),
    "back_to_cashier": Word("Back to the cashier", "返回收银台"),
}


class Phrasebook:
    """The words of one language; calling it with a word's key and its values answers the phrase."""

    def __init__(self, language: str) -> None:
        """Take "zh" or "en"."""
        self.language = language
        self._index = 1 if language == CHINESE else 0

    def __call__(self, key: str, **values: str) -> str:
        """Return the phrase; raises KeyError for an unknown key or a missing value."""
        return WORDS[key][self._index].format_map(values)

    def pick(self, english: str, chinese: str) -> str:
        """Choose between two names that came with the order, falling back to the one that is there.

        The name will stand inside our sentences, so marks that turn the writing direction are left out of it.
        """
        name = (chinese or english) if self._index else (english or chinese)
        return name.translate(_DIRECTION_MARKS)
