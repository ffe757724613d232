import { renderToString } from "react-dom/server";
import { App } from "./react.jsx";

export default (scene) => renderToString(<App first={scene} />);
