import { createFocusTrap } from "focus-trap";

createFocusTrap("#locked").activate();
