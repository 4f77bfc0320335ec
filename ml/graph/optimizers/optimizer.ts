import { adagradRule, type Adagrad } from "./adagrad.ts";
import { adamRule, type Adam, type AdamW } from "./adam.ts";
import { lambRule, type Lamb } from "./lamb.ts";
import { lionRule, type Lion } from "./lion.ts";
import { rmsPropRule, type RmsProp } from "./rms-prop.ts";
import { unknownKind } from "../../settings.ts";
import { sgdRule, type Sgd } from "./sgd.ts";
import type { UpdateRule } from "./update-rule.ts";

/** An optimizer and its settings, as plain data that goes into a file as it is. The learning rate is given with each step. */
export type Optimizer = Sgd | Adam | AdamW | RmsProp | Adagrad | Lamb | Lion;

/** How an optimizer moves parameters. Throws {@link InvalidInputError} for one that is not known. */
export function updateRule(optimizer: Optimizer): UpdateRule {
  switch (optimizer.kind) {
    case "sgd":
      return sgdRule(optimizer);
    case "adam":
    case "adamW":
      return adamRule(optimizer);
    case "rmsProp":
      return rmsPropRule(optimizer);
    case "adagrad":
      return adagradRule(optimizer);
    case "lamb":
      return lambRule(optimizer);
    case "lion":
      return lionRule(optimizer);
    default:
      throw unknownKind("optimizer", optimizer);
  }
}
