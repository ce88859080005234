// The cashier in the browser: counts down, asks how the order stands, and goes on by itself.
// Everything here is a comfort: each page also works without it.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);

  // Leaving for the channel. The forms' own method is taken from the prototype, as a field may be named `submit`.
  const form = byId("channel-form");
  const link = byId("channel-link");
  if (form) HTMLFormElement.prototype.submit.call(form);
  if (link) location.replace(link.href);

  // Inside a channel's own app its bridge opens the payment. Whatever it answers, only the channel itself is believed.
  const evoke = byId("channel-bridge");
  if (evoke) {
    const call = evoke.dataset;
    const bridge = () => window[call.bridge];
    const goBack = () => location.replace(call.back);
    const open = () => {
      byId("outside").hidden = Boolean(bridge());
      if (bridge()) bridge()[call.function](call.method, JSON.parse(call.parameters), goBack);
    };
    evoke.addEventListener("click", open);
    if (bridge()) open();
    else {
      document.addEventListener(call.readyEvent, open, { once: true });
      setTimeout(() => (byId("outside").hidden = Boolean(bridge())), 3000);
    }
  }

  // One click makes one payment; coming back by the browser's button frees the buttons again.
  let sent = false;
  const setSent = (value) => {
    sent = value;
    document.body.classList.toggle("sent", value);
  };
  document.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    else setSent(true);
  });

  // A chosen language goes along to wherever the page leads on our side.
  const language = new URLSearchParams(location.search).get("lang");
  if (language) {
    const chosen = "?lang=" + encodeURIComponent(language);
    for (const form of document.querySelectorAll('form[action^="/cashier/"]')) form.action += chosen;
    for (const link of document.querySelectorAll('a[href^="/cashier/"]')) if (!link.search) link.search = chosen;
  }

  const watch = byId("watch");
  if (!watch) return;
  const order = watch.dataset;

  if (order.state === "PAID") {
    if (!order.return) return;
    byId("going").hidden = false;
    setTimeout(() => location.replace(order.return), 3000);
    return;
  }
  if (order.state === "CLOSED") return;

  // Business seconds left, from the last answer and the rate at which business time passes.
  const rate = Number(order.rate);
  let left = Number(order.secondsLeft);
  let leftAt = Date.now();
  const secondsLeft = () => Math.max(0, left - ((Date.now() - leftAt) / 1000) * rate);
  const realSecondsLeft = () => secondsLeft() / rate;

  const twoDigits = (n) => String(n).padStart(2, "0");
  const clock = (seconds) => {
    const hours = Math.floor(seconds / 3600);
    const rest = twoDigits(Math.floor((seconds % 3600) / 60)) + ":" + twoDigits(seconds % 60);
    return hours ? hours + ":" + rest : rest;
  };
  const setText = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  const draw = () => {
    const seconds = Math.ceil(secondsLeft());
    const minutes = Math.ceil(seconds / 60);
    const spoken = byId("spoken");
    setText(byId("countdown"), clock(seconds));
    byId("countdown").classList.toggle("soon", seconds <= 60);
    setText(spoken, minutes > 1 ? spoken.dataset.minutes.replace("{n}", minutes) : spoken.dataset.last);
    const over = seconds <= 0;
    for (const id of ["open", "ways"]) if (byId(id)) byId(id).hidden = over;
    byId("over").hidden = !over;
  };

  // Asking: soon at first, then every ten seconds, not while nobody looks, once more after the deadline.
  const PAUSES = [1, 2, 3, 5, 8, 10];
  const AFTER_DEADLINE = 5;
  const LATER = 20;
  const opened = Date.now();
  let asked = 0;
  let timer = 0;
  let version = null;
  let looking = false;

  // What a channel put into our address stays behind.
  const kept = new URLSearchParams(location.search);
  for (const name of [...kept.keys()]) if (name !== "lang" && name !== "returned") kept.delete(name);
  const goOn = () => location.replace(order.cashier + (kept.size ? "?" + kept : ""));
  const read = (answer) => {
    const news =
      answer.state === "PAID" ||
      answer.state === "CLOSED" ||
      String(answer.closing) !== order.closing ||
      (order.asking === "true" && version !== null && answer.version !== version);
    if (news) return goOn();
    version = answer.version;
    left = answer.seconds_left;
    leftAt = Date.now();
    draw();
  };
  const askMorePatiently = () => {
    const progress = byId("progress");
    if (!progress || !progress.dataset.laterTitle || Date.now() - opened < LATER * 1000) return;
    setText(progress.querySelector("h2"), progress.dataset.laterTitle);
    setText(progress.querySelector("p"), progress.dataset.laterText);
  };
  const ask = async () => {
    if (looking) return;
    looking = true;
    const last = realSecondsLeft() <= 0;
    try {
      const answer = await fetch(order.status, { cache: "no-store", headers: { Accept: "application/json" } });
      if (answer.ok) read(await answer.json());
    } catch {
      // No network for a moment: the next look will tell.
    }
    looking = false;
    askMorePatiently();
    if (!last) plan();
  };
  const plan = () => {
    clearTimeout(timer);
    if (document.hidden) return;
    const pause = PAUSES[Math.min(asked, PAUSES.length - 1)];
    asked += 1;
    // An order closes within seconds of its deadline; a look in between would be wasted.
    const beforeDeadline = pause < realSecondsLeft();
    timer = setTimeout(ask, (beforeDeadline ? pause : realSecondsLeft() + AFTER_DEADLINE) * 1000);
  };
  const lookNow = () => {
    clearTimeout(timer);
    if (document.hidden) return;
    asked = 0;
    draw();
    ask();
  };

  document.addEventListener("visibilitychange", lookNow);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    setSent(false);
    lookNow();
  });
  draw();
  setInterval(draw, 250);
  plan();
})();
