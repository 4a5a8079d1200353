/**
 * The rules of the code that neither the compiler nor {@code module-info} can hold. They stand in
 * the last module because only there every other one is on the class path.
 *
 * <p>What the compiler already refuses is not repeated here: an arrow between modules against the
 * order, a kernel package used from outside, an operation that is neither on the list of the sealed
 * {@code Op} nor a {@code CustomOp}, a finalizer, an unused variable.
 *
 * <p>Each rule states its reason, and each was seen to fail on code that breaks it.
 */
package assay.architecture;
