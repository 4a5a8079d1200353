package assay.tensor.cuda;

import static assay.tensor.cuda.CudaException.check;

import assay.tensor.Backend;
import assay.tensor.BinaryKind;
import assay.tensor.DType;
import assay.tensor.RandomKind;
import assay.tensor.ReduceKind;
import assay.tensor.Tensor;
import assay.tensor.UnaryKind;
import assay.tensor.kernel.Broadcast;
import assay.tensor.kernel.Checks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * The fifteen methods on a GPU: matrix products by cuBLAS, the rest by the naive kernels of this
 * package. All work is put on one stream, so it runs in the order of the calls.
 */
final class CudaBackend implements Backend, AutoCloseable {
  private final CudaContext context;
  private final Kernels kernels;
  private final cublasHandle cublas = new cublasHandle();
  private final Map<Long, DevicePointer> allocations = new HashMap<>();

  CudaBackend(CudaContext context, Kernels kernels) {
    this.context = context;
    this.kernels = kernels;
    checkCublas(JCublas2.cublasCreate(cublas), "cublasCreate");
    checkCublas(
        JCublas2.cublasSetStream(cublas, new cudaStream_t(context.stream())), "cublasSetStream");
  }

  CudaContext context() {
    return context;
  }

  private static void checkCublas(int status, String call) {
    check(status, cublasStatus.stringFor(status), call);
  }

  @Override
  public synchronized long allocate(long bytes) {
    context.makeCurrent();
    DevicePointer pointer = new DevicePointer();
    int result = JCudaDriver.cuMemAlloc(pointer, bytes);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw new OutOfMemoryError(context.memory());
    }
    check(result, "cuMemAlloc of " + bytes + " bytes");
    allocations.put(pointer.address(), pointer);
    return pointer.address();
  }

  @Override
  public synchronized void free(long address, long bytes) {
    context.makeCurrent();
    check(JCudaDriver.cuMemFree(allocations.remove(address)), "cuMemFree");
  }

  @Override
  public void copyIn(MemorySegment from, long to) {
    context.makeCurrent();
    try (Arena staging = Arena.ofConfined()) {
      MemorySegment host =
          from.isNative() ? from : staging.allocate(from.byteSize()).copyFrom(from);
      check(
          JCudaDriver.cuMemcpyHtoDAsync(
              new DevicePointer(to), new HostPointer(host), host.byteSize(), context.stream()),
          "copy of " + host.byteSize() + " bytes to the GPU");
      context.synchronize(); // the caller may change the segment, and staging ends here
    }
  }

  @Override
  public void copyOut(long from, MemorySegment to) {
    context.makeCurrent();
    try (Arena staging = Arena.ofConfined()) {
      MemorySegment host = to.isNative() ? to : staging.allocate(to.byteSize());
      check(
          JCudaDriver.cuMemcpyDtoHAsync(
              new HostPointer(host), new DevicePointer(from), host.byteSize(), context.stream()),
          "copy of " + host.byteSize() + " bytes from the GPU");
      context.synchronize();
      if (!to.isNative()) {
        to.copyFrom(host);
      }
    }
  }

  @Override
  public void synchronize() {
    context.synchronize();
  }

  private void elements(String name, Tensor out, Object... arguments) {
    elementsOn(context.stream(), name, out, arguments);
  }

  private void elementsOn(CudaStream stream, String name, Tensor out, Object... arguments) {
    if (out.size() > 0) {
      kernels.launchOn(
          stream,
          "elements.cu",
          List.of(Kernels.element(out.dtype())),
          name,
          Kernels.Grid.elements(out.size()),
          arguments);
    }
  }

  @Override
  public void fill(Tensor out, double value) {
    elements("fill", out, out.address(), value, out.size());
  }

  @Override
  public void unary(UnaryKind kind, Tensor x, Tensor out) {
    unaryOn(context.stream(), kind, x, out);
  }

  /** {@link #unary} beside the work on the other streams. */
  void unaryOn(CudaStream stream, UnaryKind kind, Tensor x, Tensor out) {
    Checks.sameShape("unary " + kind, x, out);
    Checks.sameDType("unary " + kind, x, out);
    elementsOn(stream, kind.name(), out, x.address(), out.address(), out.size());
  }

  @Override
  public void binary(BinaryKind kind, Tensor a, Tensor b, Tensor out) {
    binaryOn(context.stream(), kind, a, b, out);
  }

  /** {@link #binary} beside the work on the other streams. */
  void binaryOn(CudaStream stream, BinaryKind kind, Tensor a, Tensor b, Tensor out) {
    Broadcast broadcast = Broadcast.of(kind, a, b, out);
    elementsOn(
        stream,
        kind.name(),
        out,
        a.address(),
        b.address(),
        (long) Math.max(1, out.numColumns()),
        broadcast.rowStep(),
        broadcast.columnStep(),
        out.address(),
        out.size());
  }

  @Override
  public void where(Tensor condition, Tensor a, Tensor b, Tensor out) {
    Checks.where(condition, a, b, out);
    long step = b.size() == 1 ? 0 : 1;
    elements(
        "where",
        out,
        condition.address(),
        a.address(),
        b.address(),
        step,
        out.address(),
        out.size());
  }

  @Override
  public void cast(Tensor x, Tensor out) {
    Checks.sameSize("cast", x, out);
    if (out.size() > 0) {
      kernels.launch(
          "cast.cu",
          List.of(Kernels.element(out.dtype()), "FROM=" + typeName(x.dtype())),
          "cast",
          Kernels.Grid.elements(out.size()),
          x.address(),
          out.address(),
          out.size());
    }
  }

  /** The macros for a kernel whose output may be wider than its inputs. */
  private static List<String> withOutput(Tensor x, Tensor out) {
    String element = Kernels.element(x.dtype());
    return x.dtype() == out.dtype()
        ? List.of(element)
        : List.of(element, "OUT=" + typeName(out.dtype()));
  }

  private static String typeName(DType dtype) {
    return switch (dtype) {
      case F64 -> "double";
      case F32 -> "float";
      case BF16 -> "bfloat16";
      case I32 -> "int";
      case I16 -> "short";
    };
  }

  @Override
  public void reduce(ReduceKind kind, Tensor x, int dim, Tensor out) {
    Checks.reduction(kind, x, dim, out);
    Checks.sumDType("reduce " + kind, x, out);
    long rows = x.numRows();
    long columns = x.numColumns();
    if (out.size() == 0) {
      return;
    }
    List<String> macros = withOutput(x, out);
    if (dim == 1) {
      Kernels.Grid grid = Kernels.Grid.rows(x.numRows(), x.numColumns());
      kernels.launch(
          "reduce.cu", macros, kind + "_rows", grid, x.address(), out.address(), columns);
    } else {
      Kernels.Grid grid = new Kernels.Grid((int) Math.ceilDiv(columns, 32L), 1, 32, 8);
      kernels.launch(
          "reduce.cu", macros, kind + "_columns", grid, x.address(), out.address(), rows, columns);
    }
  }

  /** cuBLAS counts in columns, so it is asked for the transposed product: same memory. */
  @Override
  public synchronized void matmul(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      double alpha,
      double beta,
      Tensor out) {
    Checks.MatMulSizes sizes = Checks.matmul(a, transposeA, b, transposeB, beta, out);
    if (out.size() == 0) {
      return;
    }
    if (sizes.k() == 0) {
      if (beta == 0) {
        fill(out, 0);
      }
      return;
    }
    context.makeCurrent();
    int type = cublasType(a.dtype());
    boolean exact = out.dtype() == DType.F64;
    int compute =
        exact ? cublasComputeType.CUBLAS_COMPUTE_64F : cublasComputeType.CUBLAS_COMPUTE_32F;
    checkCublas(
        JCublas2.cublasGemmEx_new(
            cublas,
            transposeB ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N,
            transposeA ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N,
            sizes.n(),
            sizes.m(),
            sizes.k(),
            scalar(alpha, exact),
            new DevicePointer(b.address()),
            type,
            b.numColumns(),
            new DevicePointer(a.address()),
            type,
            a.numColumns(),
            scalar(beta, exact),
            new DevicePointer(out.address()),
            cublasType(out.dtype()),
            out.numColumns(),
            compute,
            cublasGemmAlgo.CUBLAS_GEMM_DEFAULT),
        "cublasGemmEx");
  }

  private static Pointer scalar(double value, boolean exact) {
    return exact ? Pointer.to(new double[] {value}) : Pointer.to(new float[] {(float) value});
  }

  private static int cublasType(DType dtype) {
    return switch (dtype) {
      case F64 -> cudaDataType.CUDA_R_64F;
      case F32 -> cudaDataType.CUDA_R_32F;
      case BF16 -> cudaDataType.CUDA_R_16BF;
      case I32, I16 -> throw new IllegalArgumentException("matmul: " + dtype + " has no product");
    };
  }

  @Override
  public void gather(Tensor x, Tensor rows, Tensor out) {
    Checks.rows("gather", x, rows, out);
    Checks.indices("gather", rows.toInts(), x.numRows());
    if (out.size() > 0) {
      kernels.launch(
          "rows.cu",
          x.dtype(),
          "gather",
          Kernels.Grid.elements(out.size()),
          x.address(),
          rows.address(),
          out.address(),
          (long) x.numColumns(),
          out.size());
    }
  }

  @Override
  public void scatterAdd(Tensor x, Tensor rows, Tensor out) {
    Checks.rows("scatterAdd", out, rows, x);
    Checks.indices("scatterAdd", rows.toInts(), out.numRows());
    if (x.size() > 0) {
      kernels.launch(
          "rows.cu",
          withOutput(x, out),
          "scatterAdd",
          Kernels.Grid.elements(x.numColumns()),
          x.address(),
          rows.address(),
          out.address(),
          (long) x.numRows(),
          (long) x.numColumns());
    }
  }

  @Override
  public void random(RandomKind kind, long seed, Tensor out) {
    if (out.size() > 0) {
      kernels.launch(
          "random.cu",
          out.dtype(),
          kind.name(),
          Kernels.Grid.elements(out.size()),
          seed,
          out.address(),
          out.size());
    }
  }

  @Override
  public void close() {
    context.makeCurrent();
    JCublas2.cublasDestroy(cublas);
  }
}
