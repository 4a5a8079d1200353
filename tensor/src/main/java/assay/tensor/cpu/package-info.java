/**
 * The CPU backend, in Java alone.
 *
 * <p>Three layers, of which only the last has two forms:
 *
 * <ol>
 *   <li>{@link assay.tensor.cpu.FastBackend} checks shapes, cuts the work into tasks and hands them
 *       to the {@link assay.tensor.cpu.WorkerPool}; {@link assay.tensor.cpu.MatMul} adds blocking
 *       and packing. What it does not speed up (F64, BF16 arithmetic, random numbers) it inherits
 *       from {@link assay.tensor.cpu.ReferenceBackend}, which is also what the tests hold it to.
 *   <li>{@link assay.tensor.cpu.MatMulLoops} and {@link assay.tensor.cpu.ElementLoops} name the
 *       innermost loops.
 *   <li>Each has an implementation on the Vector API ({@code jdk.incubator.vector}) and one in
 *       plain Java, chosen once by {@link assay.tensor.cpu.CpuLoops}. Without the module everything
 *       runs, matrix products about five times slower.
 * </ol>
 *
 * <pre>{@code
 * WorkerPool pool = new WorkerPool(2);
 * FastBackend backend = new FastBackend(pool, CpuLoops.fastest());
 * backend.matmul(x, false, weight, true, 1, 0, y);         // y = x weight^T
 * backend.binary(BinaryKind.ADD, y, bias, y);              // one row, used for every row
 * backend.unary(UnaryKind.SIGMOID, y, y);
 * }</pre>
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>Both forms give the same bits</b>, with any number of threads. A product's element is
 *       one chain of fused multiply-adds over k; a sum has sixteen partial sums in F64 whatever the
 *       vector's width; exponential functions consist of operations that round alike everywhere
 *       ({@link assay.tensor.cpu.FloatMath}). So tests compare for equality, a run can move between
 *       machines, and a score does not depend on its batch. The alternative, several chains per
 *       element that are added up at the end, is faster for matrices of very few rows only.
 *   <li><b>Memory by address, through one segment</b> ({@link assay.tensor.cpu.Memory}). Checks
 *       happen once per kernel. A segment per tensor would check each access, and a loop that has
 *       met several kinds of segments is compiled three to ten times slower.
 *   <li><b>Panels of matmul are arrays on the heap.</b> Accesses to memory can't be shown to be in
 *       bounds, and a loop with a branch that leaves it may not keep its sums in registers: the
 *       same code ran at 195 or at 40 GFLOP/s, changing from start to start. Array accesses with
 *       plain int indices are checked before the loop.
 *   <li><b>Sums are named locals</b>, never arrays or parameters of helpers: the compiler keeps a
 *       vector in a register only while it can see all of its uses. Hence the repetitive text of
 *       {@link assay.tensor.cpu.SixRowLoops}.
 *   <li><b>A native library</b> (OpenBLAS, oneDNN) would gain little in F32 and would hide what
 *       this project wants to show.
 * </ul>
 */
package assay.tensor.cpu;
