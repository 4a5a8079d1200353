/**
 * Chapter 2: gradients.
 *
 * <p>A {@link assay.autograd.Tape} records {@linkplain assay.autograd.Op operations} as they run;
 * going through it backwards, each operation turns the gradient of its output into gradients of its
 * inputs. That is all of reverse-mode differentiation (Griewank and Walther 2008, chapter 3).
 *
 * <pre>{@code
 * Tape tape = Tape.recording(arena);
 * Variable x = tape.constant(input);              // [T, in]
 * Variable w = tape.leaf(weight, sink);           // [out, in]
 * Variable y = x.apply(new MatMul(true), w);      // [T, out]
 * Variable p = y.apply(new Softmax());            // [T, out]
 * tape.backward(p, dp);                           // gives the sink w's gradient
 * }</pre>
 *
 * <p>{@link assay.autograd.op} has one record for each operation. {@link assay.autograd.Op} is
 * sealed, so its {@code permits} clause is the list of all of them, and a test walks that list:
 * whoever adds an operation without a sample for the gradient check has a failing build.
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>Operations return gradients; the tape adds them</b>, in the order of the reversed tape,
 *       which is fixed. Where adding would cost a pass over memory (a weight's gradient, an
 *       embedding's) an operation may add to {@link assay.autograd.Saved#accumulator} itself.
 *   <li><b>A parameter's gradient goes to a {@link assay.autograd.GradientSink}</b>, the moment it
 *       is complete. It may be added to where all gradients lie; or, with several ranks, be on its
 *       way to the others while the layers before are still being computed. Which is not the tape's
 *       business.
 *   <li><b>The tape gives memory back early.</b> It counts who holds each piece of memory: an
 *       operation's output, what operations kept, a gradient on its way. Everything else of a layer
 *       is dropped by {@link assay.autograd.Tape#segment} as soon as the layer has run. Freeing
 *       with the arena alone would double the memory of a step.
 *   <li><b>Gradient checkpointing is an operation</b>, {@link assay.autograd.op.Checkpoint}, not a
 *       mode of the tape: its forward runs a part on a tape that does not record, its backward runs
 *       it again on one that does.
 *   <li><b>One output, mostly.</b> An operation with several (a residual sum and its norm, fused)
 *       returns the first, and makes the others on the side; most need no second form.
 *   <li><b>Backward is a loop</b>, never a recursion: a deep model must not overflow a stack.
 * </ul>
 */
package assay.autograd;
