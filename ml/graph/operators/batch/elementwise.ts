/** @file Element-wise operators over a batch: the elements' axes are aligned, so that they broadcast as before. */
import { defineBatch, type BatchContext } from "../../ops/apply.ts";
import { applyToBatch, elementShape, withRank } from "./align.ts";

/** Batches an operator that broadcasts its inputs. */
function broadcast(context: BatchContext): ReturnType<typeof applyToBatch> {
  const rank = Math.max(...context.inputs.map((_, index) => elementShape(context, index).length));
  return applyToBatch(
    context,
    context.inputs.map((each, index) => each && withRank(context, index, rank)),
  );
}

const broadcasting =
  "Add Sub Mul Div Pow Mod Max Min Mean Sum Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor BitShift Where PRelu";
for (const name of broadcasting.split(" ")) defineBatch(name, broadcast);

const unary =
  "Neg Abs Exp Log Sqrt Reciprocal Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Tanh Sigmoid Relu Softplus " +
  "Softsign Erf LeakyRelu Elu Selu Celu HardSigmoid HardSwish ThresholdedRelu Identity Sign Floor Ceil Round IsNaN " +
  "IsInf Cast Not Clip Dropout";
for (const name of unary.split(" "))
  defineBatch(name, (context) => {
    // The further inputs, such as the bounds of Clip, are scalars: one that differs in the batch is applied one by one.
    return applyToBatch(context, context.inputs);
  });
