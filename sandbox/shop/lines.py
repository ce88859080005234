"""The two business lines of the demo shop: what they sell, and what each tells the payer about an order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sandbox.business_clock import BEIJING

type Information = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Goods:
    """One thing to buy; the price is in fen, ``information`` depends on the day of purchase."""

    id: str
    name_zh: str
    name: str
    price_fen: int
    information: Callable[[date], Information]

    @property
    def subject(self) -> str:
        """What the payer reads on the cashier page and at the channel."""
        return f"{self.name_zh} {self.name}"


@dataclass(frozen=True, slots=True)
class Line:
    """One business line with its key for PayCenter's interface; the sandbox's keys protect nothing."""

    id: str
    name_zh: str
    name: str
    api_key: str
    goods: tuple[Goods, ...]

    def find(self, goods_id: str) -> Goods | None:
        """Return the goods with that id, or None."""
        return next((goods for goods in self.goods if goods.id == goods_id), None)


def _ticket(place: str, kind: str, visitor: str) -> Callable[[date], Information]:
    def information(today: date) -> Information:
        return [
            ("景区 Scenic area", place),
            ("入园日期 Visit date", (today + timedelta(days=1)).isoformat()),
            ("票种 Ticket", kind),
            ("游客 Visitor", visitor),
        ]

    return information


def _room(hotel: str, kind: str, nights: int) -> Callable[[date], Information]:
    def information(today: date) -> Information:
        arrival = today + timedelta(days=2)
        return [
            ("酒店 Hotel", hotel),
            ("房型 Room", kind),
            ("入住 Check-in", f"{arrival.isoformat()} 14:00"),
            ("离店 Check-out", f"{(arrival + timedelta(days=nights)).isoformat()} 12:00"),
            ("入住人 Guest", "李四 Li Si"),
        ]

    return information


TICKETS = Line(
    "tickets",
    "景区门票",
    "Scenic tickets",
    "tickets.sandbox-key-of-the-scenic-tickets-line",
    (
        Goods(
            "adult",
            "云岭山景区成人票",
            "Yunling Mountain, adult",
            128_00,
            _ticket("云岭山景区 Yunling Mountain", "成人票 Adult × 1", "张三 Zhang San"),
        ),
        Goods(
            "family",
            "云岭山景区家庭票",
            "Yunling Mountain, family",
            298_00,
            _ticket("云岭山景区 Yunling Mountain", "家庭票 Family (2+1)", "张三一家 The Zhangs"),
        ),
    ),
)

HOTEL = Line(
    "hotel",
    "酒店",
    "Hotel",
    "hotel.sandbox-key-of-the-hotel-line",
    (
        Goods(
            "double",
            "湖畔酒店大床房一晚",
            "Lakeside Hotel, double, 1 night",
            468_00,
            _room("湖畔酒店 Lakeside Hotel", "大床房 Double", 1),
        ),
        Goods(
            "suite",
            "湖畔酒店湖景套房两晚",
            "Lakeside Hotel, lake suite, 2 nights",
            1_988_00,
            _room("湖畔酒店 Lakeside Hotel", "湖景套房 Lake suite", 2),
        ),
    ),
)

LINES: Mapping[str, Line] = {line.id: line for line in (TICKETS, HOTEL)}


def beijing_day(moment: float) -> date:
    """Return the day in Beijing at a moment (epoch seconds)."""
    return datetime.fromtimestamp(moment, UTC).astimezone(BEIJING).date()
