/** @file All converters of single operators: importing this makes them known. */
import "../operators/index.ts";
import "./convert-activations.ts";
import "./convert-attention.ts";
import "./convert-constants.ts";
import "./convert-images.ts";
import "./convert-losses.ts";
import "./convert-microsoft.ts";
import "./convert-normalization.ts";
import "./convert-recurrent.ts";
import "./convert-reductions.ts";
import "./convert-selection.ts";
import "./convert-shapes.ts";
