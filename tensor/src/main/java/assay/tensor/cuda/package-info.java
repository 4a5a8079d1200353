/**
 * NVIDIA GPUs, through JCuda's bindings of the driver API, NVRTC and cuBLAS, and kernels of our
 * own.
 *
 * <pre>
 *   CudaLibraries     finds and loads NVIDIA's libraries (CudaFolders, CudaToolkit) and JCuda's
 *                     (JCudaNatives)
 *   CudaGpu           what the driver says of each GPU
 *   CudaContext       one GPU in use, and the stream on which all work is put in order
 *   KernelCompiler    .cu file -&gt; machine code for this GPU, kept on disk (CudaCache)
 *   Kernels           loads that code when it is first wanted, and launches it
 *   CudaBackend       the fifteen methods: cuBLAS, elements.cu, cast.cu, reduce.cu, rows.cu, random.cu
 *   CudaKernels       the fused kernels: rms_norm.cu, rope.cu, gated_activation.cu, adamw.cu,
 *                     split_weights.cu, sums_of_squares.cu
 *   CudaAttention     attention_1.cu, attention_2.cu, attention_3.cu: the same, ever faster
 *   CudnnSoftmax      the one that cuDNN has
 *   NcclRank          collective operations of several GPUs, see assay.tensor.comm
 * </pre>
 *
 * <p>A GPU runs a kernel as a grid of blocks of threads. The threads of a block can wait for each
 * other and share a little fast memory; blocks cannot, and run in any order. So whatever must be
 * joined in order, the sum of a row say, is the work of one block. Begin with {@code elements.cu},
 * in which nobody waits for anybody; then {@code block.cuh}, in which the threads of a block join
 * their values; then the three versions of attention, which are a course of their own: a block for
 * each query; tiles of queries and keys in fast memory; the same on tensor cores. Each says what it
 * changes and why, and is tested against the one before. {@code -Dassay.cuda.attention=1} makes an
 * older one do all the work, to compare or to find out whether a newer one is to blame.
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>The driver API only.</b> JCuda's runtime API would be a second context to keep in step,
 *       one more library to find, and could not be emulated.
 *   <li><b>Machine code, not PTX.</b> NVRTC compiles for the very GPU that is there: inline PTX is
 *       checked by the assembler, and a driver older than NVRTC need not understand new PTX.
 *   <li><b>Libraries by their paths.</b> Users need not set {@code LD_LIBRARY_PATH}: what is loaded
 *       by its path first is what others then get by its name. For CUDA 13 the name is changed in
 *       copies of JCuda's two libraries that hold it ({@link
 *       assay.tensor.cuda.JCudaNatives#renamed}); libraries that only pass each call on would do as
 *       well, but need a C compiler where the program runs.
 *   <li><b>One stream.</b> Kernels run in the order of the calls, so memory that the allocator
 *       hands out again is no longer in use by the time the next kernel writes there.
 *   <li><b>A file is compiled once for each type of element</b> ({@code T}), with float arithmetic
 *       for F32 and BF16 and double for F64. There is no templated dispatch to read past.
 *   <li><b>No atomics on floating-point numbers.</b> Every sum has a fixed order, so the same input
 *       gives the same bits on the same GPU.
 *   <li><b>Attention's backward in two passes</b>, one that owns queries and sums dQ, one that owns
 *       keys and sums dK and dV. FlashAttention-2 makes one pass and adds dQ up by atomics: seven
 *       products of matrices become five, and the bits depend on who came first.
 *   <li><b>The index of a batch is kept.</b> Which block works on which rows is computed on the CPU
 *       once for each batch; sending it for each layer would have the CPU wait for the GPU each
 *       time. It lies outside of the arenas, a few bytes for each row.
 *   <li><b>Rows of shared memory have a few bytes too many</b>, so that a column's numbers lie in
 *       different banks. Permuting the columns row by row (swizzling) takes no memory, but works
 *       for some sizes of heads only, and every index would have to be read twice.
 *   <li><b>cuDNN for softmax alone.</b> Its norms are those over batches, not RMSNorm. Its fused
 *       attention takes padded batches, no trees of segments. Its reductions want a workspace and
 *       promise no order, and reward models are trained without dropout.
 *   <li><b>cuBLAS by {@code cublasGemmEx_new}</b>: JCublas's {@code cublasGemmEx} has the signature
 *       of CUDA 10 and refuses the compute types of today.
 * </ul>
 *
 * <p>To try a kernel without building anything, put a changed copy into a folder and name that with
 * {@code -Dassay.cuda.kernels=FOLDER}: its files stand in for those of the same names.
 *
 * <p>Tests run all of this, JCuda's native part included, on an emulated GPU ({@code
 * test-resources/cuda-emulator}): stand-ins for NVIDIA's libraries that compile the same {@code
 * .cu} files for the CPU. {@code MissingBarrierTest} takes the kernels' barriers out one by one,
 * and fails if nothing goes wrong. Where {@code .ci/run} has fetched NVIDIA's compiler, another
 * test compiles every file for real and reads from its log that no kernel runs out of registers.
 */
package assay.tensor.cuda;
