/**
 * Chapter 1: numbers in memory, and the kernels that compute with them.
 *
 * <p>A {@link assay.tensor.Tensor} is a contiguous row-major array on a {@link
 * assay.tensor.Device}. It knows its {@link assay.tensor.Shape} and {@link assay.tensor.DType}, and
 * it owns nothing: a {@link assay.tensor.TensorArena} does, and gives the memory back when its
 * block ends.
 *
 * <pre>{@code
 * try (Device device = Device.cpu();
 *     TensorArena arena = TensorArena.open(device, "activations")) {
 *   Tensor x = arena.empty(DType.F32, 2, 3).copyFrom(1, 2, 3, 4, 5, 6); // [2, 3]
 *   Tensor w = arena.empty(DType.F32, 4, 3).copyFrom(weights);          // [4, 3]
 *   Tensor y = arena.empty(DType.F32, 2, 4);
 *   device.backend().matmul(x, false, w, true, 1, 0, y);               // y = x w^T, [2, 4]
 *   float[] values = y.toFloats();
 * }
 * }</pre>
 *
 * <p>What a device must do is {@link assay.tensor.Backend}, fifteen methods. What it may do faster
 * is {@link assay.tensor.FusedKernels}, where each method has a body written with those fifteen:
 * read that body to know what a kernel computes. One test runs every fast kernel against it.
 *
 * <p>Rows of a batch are never padded. {@link assay.tensor.Segments} says which rows belong
 * together: a forest, so that two answers to one prompt can share its rows.
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>Memory is owned by blocks, not by objects.</b> Device memory that waits for a garbage
 *       collector, which sees only a small Java object, runs out long before the heap does. There
 *       are no finalizers, cleaners or counts here; using a tensor after its arena is an error that
 *       names both.
 *   <li><b>One caching allocator under all arenas</b>, with blocks split and joined as in
 *       PyTorch's. Separate size classes were simpler, but a packed batch has another size at every
 *       step.
 *   <li><b>Kernels write into an output they are given.</b> An allocating kernel cannot be planned;
 *       this way {@code assay plan} runs the same code on {@link assay.tensor.Device#planning() a
 *       device without memory} and reads the {@link assay.tensor.Ledger}.
 *   <li><b>No strides.</b> Views are reshapes and row slices only. Kernels that need another
 *       layout, such as attention's heads, know it themselves; general strides would make every
 *       kernel slower to read and to run.
 *   <li><b>One dtype throughout a call, and sums in a wider one.</b> F32 and F64 everywhere; BF16
 *       on GPUs, where statistics of rows and gradients of weights are F32 ({@link
 *       assay.tensor.DType#sum}). On the CPU BF16 is a storage type that {@code cast} reads and
 *       writes.
 *   <li><b>Weights trained in BF16 are F32 in two halves.</b> Most steps of AdamW at the learning
 *       rates of reward models are smaller than the rounding of a BF16, so the sum must be kept in
 *       F32. A second copy would cost 4 bytes a weight more, the lower half costs 2: {@link
 *       assay.tensor.FusedKernels#splitWeights}.
 * </ul>
 */
package assay.tensor;
