/**
 * One record for each operation: its shape rule, forward and backward stand together, and the
 * formula of the backward stands above it. Anything that is not differentiated by (sizes, flags,
 * indices, rotary angles) is a component of the record.
 *
 * <pre>{@code
 * public record Softmax() implements Op {
 *   public Shape infer(Shape... in) { ... }
 *   public Tensor forward(Saved saved, Tensor... in) { ... }
 *   public Tensor[] backward(Saved saved, Tensor dy) { ... } // dx = y (dy - sum_j dy_j y_j)
 * }
 * }</pre>
 *
 * <p>Decision: records rather than lambdas on the tape. A record has a name for reports, can be
 * listed, tested by kind and read on one page; a closure hides what it keeps.
 */
package assay.autograd.op;
