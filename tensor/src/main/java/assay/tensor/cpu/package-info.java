/**
 * The CPU, in pure Java.
 *
 * <p>{@code ReferenceBackend} is the definition: every element read as a double, computed, rounded
 * once. {@code FastBackend} and {@code CpuKernels} are for use. Their algorithms (blocking,
 * packing, which thread does what) are written once; only the innermost loops exist twice, on the
 * Vector API and in plain Java, behind the interfaces named {@code ...Loops}. Both give the same
 * bits, so a JVM without {@code jdk.incubator.vector} trains the same model, more slowly. {@code
 * CpuLoops} is the one place that looks which it is.
 *
 * <pre>
 *   MatMul          packs panels, deals out tiles           MatMulLoops.tile     8 x 32 sums in registers
 *   CpuAttention    deals out segments and heads            the same tile, and AttentionLoops
 *   CpuKernels      norms, rope, gates, AdamW by rows       RowLoops
 *   FastBackend     element-wise kernels by runs            ElementLoops
 * </pre>
 *
 * <pre>{@code
 * try (Device device = Device.cpu(2);                        // "cpu, Vector API 512-bit, 2 threads"
 *     TensorArena arena = TensorArena.open(device, "example")) {
 *   Tensor x = arena.of(DType.F32, Shape.of(1, 2), 3, 4);
 *   Tensor weight = arena.of(DType.F32, Shape.of(1, 2), 0.5, 0.25);
 *   Tensor y = arena.empty(DType.F32, 1, 1);
 *   device.backend().matmul(x, false, weight, true, 1, 0, y); // y = x weight^T
 *   device.backend().unary(UnaryKind.SIGMOID, y, y);
 * }
 * }</pre>
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>Each sum over K is one chain</b> of fused multiply-adds in ascending order, in every
 *       tile, at every edge, for every M and N. Splitting K over threads would be faster for a few
 *       shapes, but then a row's result would depend on the batch around it.
 *   <li><b>Attention is made of matmul tiles.</b> The queries of a block are a tile's columns, so
 *       scores, weighted values and all four products of the backward are runs of the same tile,
 *       and softmax goes down the columns: every query's sums run over keys in the order of their
 *       positions, and a key that is not visible adds exactly nothing. A prompt that two answers
 *       share therefore gives the bits that two copies of it would. An online softmax (Dao et al.
 *       2022) needs less memory per block, but rescales as it goes; a block's scores, 32 queries by
 *       the length of the path, fit the second-level cache at the lengths reward models read.
 *   <li><b>All memory is seen through one segment</b> and long addresses. A loop that has met
 *       several kinds of {@code MemorySegment} is compiled three to ten times slower.
 *   <li><b>Packed panels are heap arrays</b>, made once per thread: their range checks are removed
 *       by the compiler, and those of a segment, in a loop with thirty vectors alive, are not.
 *   <li><b>Sums are named locals</b>, never arrays or arguments of helpers: the compiler keeps a
 *       vector in a register only while it sees all of its uses. Hence the repetitive text of the
 *       tiles.
 *   <li><b>No branch around a vector.</b> A side that the compiler finds too rare to inline returns
 *       its vector as an object, and so does everything the vector could become. A branch chooses
 *       an address (zeros to start from) or a whole loop instead. For the same reason attention's
 *       steps are a list: in one method, the compiler gives up half-way. {@code
 *       KernelAllocationTest} counts what compiled kernels allocate.
 *   <li><b>Sums of many rows are cut at fixed places</b>, never at threads, and have the same
 *       partial sums whatever the width of a vector.
 *   <li><b>Exponential functions are written out</b> ({@code FloatMath}, {@code VectorMath}) in
 *       operations that round alike everywhere. Those of the Vector API come from a library on some
 *       platforms only, and differ from those of {@code Math}.
 *   <li><b>No native library.</b> OpenBLAS or oneDNN would gain a few percent in F32 and hide what
 *       is to be shown.
 * </ul>
 */
package assay.tensor.cpu;
