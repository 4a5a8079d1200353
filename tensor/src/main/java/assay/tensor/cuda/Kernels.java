package assay.tensor.cuda;

import static assay.tensor.cuda.CudaException.check;

import assay.tensor.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** The kernels of the {@code .cu} files, compiled and loaded when they are first launched. */
final class Kernels implements AutoCloseable {
  private static final int THREADS = 256;
  private static final int WARP = 32;
  private static final int MOST_THREADS = 1024; // of a block

  /** Enough blocks to fill any GPU several times; each thread then takes more than one element. */
  private static final long MOST_BLOCKS = 1 << 14;

  private record ModuleKey(String file, List<String> macros) {}

  private record FunctionKey(ModuleKey module, String name) {}

  /** More dynamic shared memory than this must be asked for. */
  private static final int SHARED_BYTES = 48 * 1024;

  /**
   * How many blocks of how many threads.
   *
   * @param sharedBytes dynamic shared memory of a block: what a kernel declares as extern
   */
  record Grid(int blocksX, int blocksY, int threadsX, int threadsY, int sharedBytes) {
    Grid(int blocksX, int blocksY, int threadsX, int threadsY) {
      this(blocksX, blocksY, threadsX, threadsY, 0);
    }

    /** Threads for n elements. */
    static Grid elements(long n) {
      long blocks = Math.clamp(Math.ceilDiv(n, THREADS), 1, MOST_BLOCKS);
      return new Grid((int) blocks, 1, THREADS, 1);
    }

    /** A block for each row, with a thread for every four columns or so: one warp, two, four... */
    static Grid rows(int numRows, int numColumns) {
      int threads = Integer.highestOneBit(Math.clamp(numColumns / 4, WARP, MOST_THREADS));
      return new Grid(numRows, 1, threads, 1);
    }
  }

  private final CudaContext context;
  private final KernelCompiler compiler;
  private final Map<ModuleKey, CUmodule> modules = new HashMap<>();
  private final Map<FunctionKey, CUfunction> functions = new HashMap<>();

  Kernels(CudaContext context, KernelCompiler compiler) {
    this.context = context;
    this.compiler = compiler;
  }

  /** The macro that makes T this type. */
  static String element(DType dtype) {
    return "ELEMENT_" + dtype;
  }

  /** Launches a kernel of a file compiled for one type of element. */
  void launch(String file, DType dtype, String name, Grid grid, Object... arguments) {
    launch(file, List.of(element(dtype)), name, grid, arguments);
  }

  /** Launches a kernel on the stream of all work. */
  void launch(String file, List<String> macros, String name, Grid grid, Object... arguments) {
    launchOn(context.stream(), file, macros, name, grid, arguments);
  }

  /**
   * Launches a kernel on a stream and returns before it has run.
   *
   * @param arguments Long for addresses and counts, Integer, Float or Double, as the kernel
   *     declares them, or the bytes of a struct
   */
  synchronized void launchOn(
      CudaStream stream,
      String file,
      List<String> macros,
      String name,
      Grid grid,
      Object... arguments) {
    context.makeCurrent();
    CUfunction function =
        functions.computeIfAbsent(
            new FunctionKey(new ModuleKey(file, macros), name), this::function);
    NativePointerObject[] pointers = new NativePointerObject[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      pointers[i] = pointerTo(arguments[i]);
    }
    if (grid.sharedBytes() > SHARED_BYTES) {
      check(
          JCudaDriver.cuFuncSetAttribute(
              function,
              CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
              grid.sharedBytes()),
          "%d bytes of shared memory for %s in %s".formatted(grid.sharedBytes(), name, file));
    }
    check(
        JCudaDriver.cuLaunchKernel(
            function,
            grid.blocksX(),
            grid.blocksY(),
            1,
            grid.threadsX(),
            grid.threadsY(),
            1,
            grid.sharedBytes(),
            stream,
            Pointer.to(pointers),
            null),
        "launch of " + name + " in " + file);
  }

  /** The most shared memory that a block can have here. */
  int maxSharedBytes() {
    context.makeCurrent();
    return context.attribute(
        CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
  }

  private static Pointer pointerTo(Object argument) {
    return switch (argument) {
      case Long value -> Pointer.to(new long[] {value});
      case Integer value -> Pointer.to(new int[] {value});
      case Float value -> Pointer.to(new float[] {value});
      case Double value -> Pointer.to(new double[] {value});
      case byte[] struct -> Pointer.to(struct);
      default -> throw new IllegalArgumentException("a kernel takes no " + argument.getClass());
    };
  }

  private CUfunction function(FunctionKey key) {
    CUmodule module = modules.computeIfAbsent(key.module, this::load);
    CUfunction function = new CUfunction();
    check(
        JCudaDriver.cuModuleGetFunction(function, module, key.name),
        "kernel " + key.name + " of " + key.module.file);
    return function;
  }

  private CUmodule load(ModuleKey key) {
    CUmodule module = new CUmodule();
    check(
        JCudaDriver.cuModuleLoadData(module, compiler.compile(key.file, key.macros)),
        "loading " + key.file);
    return module;
  }

  @Override
  public void close() {
    context.makeCurrent();
    modules.values().forEach(JCudaDriver::cuModuleUnload);
  }
}
