// Plays a sound and shows a notification when a sheet is done, for people who turned that on.

import { recall, remember } from "./memory.js";

const NOTES_HZ = [659, 880];

function isOn() {
  return recall("alerts", false);
}

function chime() {
  const audio = new AudioContext();
  NOTES_HZ.forEach((hertz, index) => {
    const start = audio.currentTime + index * 0.14;
    const tone = new OscillatorNode(audio, { frequency: hertz });
    const volume = new GainNode(audio, { gain: 0.0001 });
    volume.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.5);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.5);
    if (index === NOTES_HZ.length - 1) tone.addEventListener("ended", () => audio.close());
  });
}

function tell(words) {
  if (!isOn()) return;
  chime();
  if (document.hidden && window.Notification?.permission === "granted") new Notification("Sticker Studio", { body: words });
}

export function startAlerts() {
  const button = document.getElementById("alerts");
  const use = button.querySelector("use");

  function show() {
    button.setAttribute("aria-pressed", isOn());
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, isOn() ? "#bell" : "#bell-off"));
  }

  button.addEventListener("click", () => {
    remember("alerts", !isOn());
    show();
    if (!isOn()) return;
    chime();
    if (window.Notification?.permission === "default") Notification.requestPermission();
  });
  document.body.addEventListener("order-done", ({ detail }) => tell(`Done: ${detail.name}`));
  document.body.addEventListener("order-failed", ({ detail }) => tell(`${detail.label}: ${detail.name}`));
  show();
}
