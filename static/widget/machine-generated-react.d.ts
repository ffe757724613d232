// <machine-generated> in the JSX of React 19. Needs machine-generated.d.ts beside it.

import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type {
  MachineGeneratedAttributes, MachineGeneratedElement, MachineGeneratedEventMap, MarkedAttributes,
} from "./machine-generated";

/** onmachine-generated:viewed={(event) => …}: React 19 listens to a custom element's events by their own names. */
type Listeners = { [Name in keyof MachineGeneratedEventMap as `on${Name}`]?: (event: MachineGeneratedEventMap[Name]) => void };

type Props = Omit<DetailedHTMLProps<HTMLAttributes<MachineGeneratedElement>, MachineGeneratedElement>, keyof MachineGeneratedAttributes>;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "machine-generated": Props & MachineGeneratedAttributes & Listeners;
    }
  }
  interface HTMLAttributes<T> {
    "data-machine-generated"?: MarkedAttributes["data-machine-generated"];
  }
}
