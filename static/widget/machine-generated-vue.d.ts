// <machine-generated> in the templates of Vue 3. Needs machine-generated.d.ts beside it. So that Vue takes the name for
// an element: compilerOptions.isCustomElement = (tag) => tag === "machine-generated".

import type { HTMLAttributes, PublicProps } from "vue";
import type {
  MachineGeneratedAttributes, MachineGeneratedElement, MachineGeneratedEventMap, MarkedAttributes,
} from "./machine-generated";

/** @machine-generated:viewed="(event) => …", by the name that templates give it. */
type Listeners = {
  [Name in keyof MachineGeneratedEventMap as Name extends `machine-generated:${infer What}` ? `onMachineGenerated:${What}` : never]?:
    (event: MachineGeneratedEventMap[Name]) => void;
};

type Props = MachineGeneratedAttributes & Omit<HTMLAttributes, keyof MachineGeneratedAttributes> & PublicProps & Listeners;

declare module "vue" {
  interface GlobalComponents {
    "machine-generated": new () => MachineGeneratedElement & {
      /** @deprecated no element has it: from it, Vue reads what a template may say */
      $props: Props;
    };
  }
  // Strict templates refuse what is not named here. The values are free: other scripts may use these names, too.
  interface HTMLAttributes extends Partial<Record<Exclude<keyof MarkedAttributes, "data-machine-generated">, string>> {
    "data-machine-generated"?: MarkedAttributes["data-machine-generated"];
  }
}
