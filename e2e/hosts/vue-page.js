import { createSSRApp } from "vue";
import App from "./App.vue";
import { scene } from "./scenes.js";

createSSRApp(App, { first: scene() }).mount("#app");
