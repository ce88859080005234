"""The kit of the simulated channels: everything about being a channel that is not one channel's wire.

A simulator is a program of its own: it verifies what PayCenter sends, keeps books of its own, signs with its own keys
and misbehaves on request. The kit has the books, the faults, the callbacks and their repeats, the payer's page, the
control interface under ``/sandbox`` with its panel, and the program's start. A channel writes its wire alone.
Nothing in the kit or in a simulator imports product code, and no simulator imports another.

**A channel is a folder** ``sandbox/<name>/`` with

``simulator.toml``
    ``title = "Simulated Alipay"`` and ``port = 8082``. This file alone makes the supervisor start the program, hand
    its address to ``sandbox/config.toml`` and print it. Reserved: 8082 alipay, 8083 wechatpay, 8084 unionpay.
``channel.py``
    a subclass of `channel.Channel`, the plug. It holds merchant and keys; trades are the ledger's.
``__main__.py``
    ``program.run(Path(__file__).parent, load, arguments)``, where ``load(flags)`` makes the channel from the key files
    in ``flags.keys`` (OSError, ValueError or TypeError where they can't be used).
``running.py``
    for tests: ``with running.running_simulator(channel, clock) as url, running.SimulatorControl(url) as control``.

**Channel**, class attributes: ``name`` (the folder's), ``title`` (both languages), ``colour``, ``operations`` (its own
name of each server call → `faults.Operation`), ``tells`` (which `trades.Event` its merchant is told of), ``faults`` (rows
of its own), ``lacks`` (names of the kit's rows that its wire can't have), ``callback_limit_seconds``. Methods to write:
``routes merchant_name status explain trade_no refund_no notice acknowledges repeat_schedule rotate_keys``; to override
where needed: ``same_order`` and ``way_back``.

**A call.** A route of the channel parses and verifies first; what is not let in ends with ``world.refused(code)`` and the
channel's own refusal. Then::

    call = world.call(request, method, number)      # counts it, draws its fault; number "" for no payment
    return await call.answer(
        lambda: execute(call, ...),                 # the operation's answer, refusals included
        lambda trouble: ...,                        # the answer for Reply.SYSTEM_ERROR and Reply.THROTTLED
        lambda answer, seal: ...,                   # a Response signed as Seal says: OWN, STRANGER, NONE
    )

The kit then hangs, cuts, throttles, truncates or tells the truth. So that the faults about trades act, operations go
through the call: ``call.seen(trade)`` (answer queries from this copy), ``call.close(trade)``, ``call.refund(trade,
order, usual_s=…)`` (``usual_s`` where the channel always settles later). ``call.fault.twist`` is the word of the
channel's own rows. A browser's request that opens a trade has no answer to spoil: ``world.seen(method, number)``, then
``payer.to_page(trade)`` or ``pages.refused(...)``.

**Books**, `ledger.Ledger` in ``world.ledger``: ``open(Order)`` makes the trade or finds it again, ``prepare(Order)`` gives a
code (``/qr/{token}``) whose trade comes into being when somebody opens it, ``find(number, channel_no)``,
``find_refund(number)``, ``movements(since, until)`` for bills. What only the channel's wire knows (``attach``,
``txnTime``…) goes into ``Order.extra`` and ``RefundOrder.extra``. A refused move raises `refusals.Refusal`; ``explain`` turns
its reason into the channel's words. A trade is WAITING, PAID or CLOSED (``status`` also has a made-up word
for ODD, which two faults show); it closes itself at ``expires_at``; late money
makes a closed one PAID. A fully refunded trade stays PAID: ``status`` says what the channel calls it
(``Trade.fully_refunded``, ``refunded_fen``). A refund tells its own ``notify_url``.

**Callbacks.** The kit calls ``notice(note)`` for every attempt and posts the `channel.Message`. ``note.trade`` is as it was at
the event, with the fault's wrong amount or number already in it; the channel obeys ``note.seal``,
``note.wrong_merchant`` and ``note.twist``. ``acknowledges(answer)`` ends the repeats, ``repeat_schedule(trade)`` is data.

**Faults**, `faults.GENERIC`, armed per payment number, for ``*next*`` or for ``*every*`` payment, a number of times:

- callbacks: ``lose_callbacks delay_callbacks double_callbacks reorder_callbacks forge_callback unsigned_callback wrong_amount
  wrong_merchant odd_callback unknown_order``
- answers: ``timeout_before timeout_after_effect cut_after_effect slow_answer answer_500 answer_500_after_effect
  answer_html throttle
  error_after_effect truncated_answer unsigned_answer forged_answer``
- stories: ``stay_waiting contradict_queries odd_status close_says_paid close_claims_paid pay_after_close refund_later refund_fails payer_refused``

and ``POST /sandbox/keys/rotate``. A channel's own row is ``Fault(name, zh, en, times, noticing=Noticing(twist="…"))`` or
``answering=Answering(frozenset({Operation.CREATE}), twist="…")``; ``refund_failure="abnormal"`` names another way to fail.

**Control**, JSON, the same for all channels: ``GET /sandbox/health ledger calls trades trades/{number} faults``,
``POST /sandbox/faults {"out_trade_no", "fault", "times"?, "method"?}`` (``fault`` ``clear`` disarms), ``POST
/sandbox/trades/{number}/pay``, ``POST /sandbox/trades/{number}/callbacks {"fault"}``, ``POST /sandbox/keys/rotate``;
``GET /sandbox`` is the panel. Views carry the channel's ``status`` and the kit's ``state``.

**Shared pieces of wires**: `rsa` (PEM files, PKCS#1 v1.5), `certificates` (read, issue), `shelf` (files
that lie at an address for a while), `wire` (bodies, forms, strict JSON, sorted ``name=value``),
`money` (yuan text), ``sandbox.business_clock`` (Beijing time). What two simulators need belongs here.
"""
