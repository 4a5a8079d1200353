package assay.autograd;

import assay.autograd.op.Add;
import assay.autograd.op.AddRmsNorm;
import assay.autograd.op.Attention;
import assay.autograd.op.Cast;
import assay.autograd.op.Checkpoint;
import assay.autograd.op.CrossEntropy;
import assay.autograd.op.Dropout;
import assay.autograd.op.GatedActivation;
import assay.autograd.op.GatherRows;
import assay.autograd.op.MatMul;
import assay.autograd.op.Multiply;
import assay.autograd.op.MultiplyByScalar;
import assay.autograd.op.Relu;
import assay.autograd.op.Reshape;
import assay.autograd.op.RmsNorm;
import assay.autograd.op.Rope;
import assay.autograd.op.Scale;
import assay.autograd.op.SoftCap;
import assay.autograd.op.Softmax;
import assay.autograd.op.Sum;
import assay.tensor.DType;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * A differentiable operation: its shape rule, its forward and its backward, side by side. What is
 * not a tensor to differentiate by (sizes, flags, row indices) is a component of the record.
 *
 * <p>This list is every operation there is; other modules add theirs through {@link CustomOp}.
 */
public sealed interface Op
    permits Add,
        AddRmsNorm,
        Attention,
        Cast,
        Checkpoint,
        CrossEntropy,
        CustomOp,
        Dropout,
        GatedActivation,
        GatherRows,
        MatMul,
        Multiply,
        MultiplyByScalar,
        Relu,
        Reshape,
        RmsNorm,
        Rope,
        Scale,
        SoftCap,
        Softmax,
        Sum {

  /**
   * The output's shape, computed before any memory is touched.
   *
   * @throws IllegalArgumentException naming the op and the shapes if they do not fit
   */
  Shape infer(Shape... in);

  /**
   * Computes the output into {@link Saved#output()} and keeps what the backward needs, no more. An
   * op with further outputs makes them by {@link Saved#otherOutput}.
   */
  Tensor forward(Saved saved, Tensor... in);

  /**
   * One gradient for each input, null where none is wanted ({@link Saved#wantsGradient}). An op
   * that can add in place adds to {@link Saved#accumulator} where there is one, and returns it. A
   * weight's gradient is of the dtype that sums are kept in ({@link DType#sum}).
   *
   * @param dy gradient of the output; may be returned as it is, but not written to. Those of
   *     further outputs are had from {@link Saved#otherGradient}
   */
  Tensor[] backward(Saved saved, Tensor dy);

  /** For messages and reports: the record's name. */
  default String name() {
    return getClass().getSimpleName();
  }

  /** The error of a shape rule. */
  default IllegalArgumentException misfit(String expected, Shape... in) {
    return new IllegalArgumentException(
        name() + ": expected " + expected + ", got " + java.util.Arrays.toString(in));
  }
}
