import { StrictMode, useEffect, useRef, useState } from "react";
import { SCENES, atTheEnd, lengthened, more, numbers, shortened, shuffled, stream, text } from "./scenes.js";

const marked = { "data-machine-generated": "", "data-model": "jamba-large", "data-provider": "AI21" };

function List() {
  const [all, setAll] = useState(() => numbers());
  const [edition, setEdition] = useState(1);
  return (
    <>
      <button onClick={() => setAll(shuffled)}>Shuffle</button>
      <button onClick={() => setAll(shortened)}>Remove</button>
      <button onClick={() => setAll(lengthened)}>Add</button>
      <button onClick={() => setEdition(edition + 1)}>Edit</button>
      {all.map((n) => <article key={n} id={`a${n}`} {...marked}>{text(n, edition)}</article>)}
      <ul>{all.map((n) => <li key={n} id={`l${n}`} data-machine-generated="">{text(n, edition)}</li>)}</ul>
      {all.map((n) => <machine-generated key={n} id={`m${n}`} model="jamba-large">{text(n, edition)}</machine-generated>)}
    </>
  );
}

function Stream() {
  const [said, setSaid] = useState("");
  return (
    <>
      <button onClick={() => stream((token) => setSaid((before) => before + token))}>Stream</button>
      <machine-generated id="answer" layout="chat">{said}</machine-generated>
      <ul><li id="item" data-machine-generated="">{said}</li></ul>
    </>
  );
}

function Feed() {
  const [shown, setShown] = useState(100);
  const end = useRef(null);
  useEffect(() => atTheEnd(end.current, () => setShown(more)), []);
  return (
    <>
      {numbers(shown).map((n) => <article key={n} id={`a${n}`} {...marked}>{text(n)}</article>)}
      <p ref={end}>…</p>
    </>
  );
}

const Route = ({ number }) => <article id={`a${number}`} {...marked}>{text(number)}</article>;

export function App({ first }) {
  const [scene, setScene] = useState(first);
  useEffect(() => {
    const back = () => setScene(location.pathname.split("/").at(-1));
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const go = (event, name) => {
    event.preventDefault();
    history.pushState(null, "", name);
    setScene(name);
  };
  return (
    <StrictMode>
      <nav>{SCENES.map((name) => <a key={name} href={name} onClick={(event) => go(event, name)}>{name} </a>)}</nav>
      {scene === "list" ? <List /> : scene === "stream" ? <Stream /> : scene === "feed" ? <Feed /> : <Route number={scene === "route" ? 1 : 2} />}
    </StrictMode>
  );
}
