// @ts-check
// How long a case is still one's own, counted down; what one does at it begins the time again.

const RENEW_MS = 60_000; // not more often than once a minute
const left = document.getElementById("left");
const token = /** @type {HTMLInputElement | null} */ (document.querySelector("[name=csrf_token]"));

if (left && token) {
  let until = Date.parse(left.dataset.until ?? ""), renewed = Date.now();

  const tell = () => {
    const seconds = Math.max(0, Math.round((until - Date.now()) / 1000));
    left.textContent = seconds ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "The time is over: take it again, or decide quickly.";
    left.classList.toggle("late", seconds < 60);
  };

  const renew = async () => {
    if (Date.now() - renewed < RENEW_MS) return;
    renewed = Date.now();
    const body = new URLSearchParams({ csrf_token: token.value });
    const answer = await fetch(left.dataset.renew ?? "", { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.ok) until = Date.parse((await answer.json()).until);
    else left.textContent = "Somebody else has taken this case.";
  };

  left.hidden = false;
  tell();
  setInterval(tell, 1000);
  // A server that cannot be reached is tried again with the next thing that is done here.
  for (const name of ["keydown", "pointerdown", "scroll"]) addEventListener(name, () => void renew().catch(() => {}), { passive: true });
}
