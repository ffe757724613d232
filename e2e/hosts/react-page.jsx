import { hydrateRoot } from "react-dom/client";
import { App } from "./react.jsx";
import { scene } from "./scenes.js";

hydrateRoot(document.getElementById("app"), <App first={scene()} />);
