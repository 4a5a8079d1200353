package assay.tensor;

import assay.tensor.cpu.CpuDevice;
import assay.tensor.cuda.CudaDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where tensors live and kernels run: a backend, its fused kernels, and the memory they share. */
public final class Device implements AutoCloseable {
  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

  private final String description;
  private final Backend backend;
  private final FusedKernels kernels;
  private final CachingAllocator allocator;
  private final Ledger ledger = new Ledger();
  private final Runnable onClose;

  private Device(String description, Backend backend, FusedKernels kernels, Runnable onClose) {
    this.description = description;
    this.backend = backend;
    this.kernels = kernels;
    this.allocator = new CachingAllocator(backend, description);
    this.onClose = onClose;
  }

  /** The CPU with the fastest kernels that this machine and JVM can run. */
  public static Device cpu(int numThreads) {
    return of(CpuDevice.fastest(numThreads));
  }

  /** The CPU with as many threads as it has processors. */
  public static Device cpu() {
    return cpu(Runtime.getRuntime().availableProcessors());
  }

  /** The CPU with plain loops and the readable default of every fused kernel: the reference. */
  public static Device cpuReference(int numThreads) {
    return of(CpuDevice.reference(numThreads));
  }

  /** Counts memory and computes nothing: what a run would allocate, before it is allocated. */
  public static Device planning() {
    return new Device(
        "planning (no memory)", new PlanningBackend(), new PlanningKernels(), () -> {});
  }

  /**
   * The device of this name.
   *
   * @param name {@code cpu}, {@code cuda} or {@code cuda:<index>}
   * @param numThreads of the CPU
   */
  public static Device open(String name, int numThreads) {
    if (name.equals("cpu")) {
      return cpu(numThreads);
    }
    Matcher matcher = CUDA.matcher(name);
    if (!matcher.matches()) {
      throw new InvalidInputException(
          "device: expected cpu, cuda or cuda:<index>, found '" + name + "'");
    }
    return cuda(matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1)));
  }

  /**
   * A GPU.
   *
   * @param index among those that the driver shows
   * @throws InvalidInputException if there is none, or one of NVIDIA's libraries is missing
   */
  public static Device cuda(int index) {
    CudaDevice cuda = CudaDevice.open(index);
    return new Device(cuda.description(), cuda.backend(), cuda.kernels(), cuda::close);
  }

  /** What this machine has, a line for each thing, for people; or why there is no GPU. */
  public static List<String> report(int numThreads) {
    List<String> lines = new ArrayList<>();
    try (Device cpu = cpu(numThreads)) {
      lines.add(cpu.description());
    }
    try {
      lines.addAll(CudaDevice.report());
    } catch (InvalidInputException e) {
      lines.add("no GPU: " + e.getMessage());
    }
    return lines;
  }

  private static Device of(CpuDevice cpu) {
    return new Device(cpu.description(), cpu.backend(), cpu.kernels(), cpu::close);
  }

  /** True for {@link #planning}: tensors have addresses but no memory. */
  boolean isPlanning() {
    return backend instanceof PlanningBackend;
  }

  /** What runs here, for people: the path taken, vector width, threads. */
  public String description() {
    return description;
  }

  public Backend backend() {
    return backend;
  }

  public FusedKernels kernels() {
    return kernels;
  }

  public Ledger ledger() {
    return ledger;
  }

  /** The most bytes ever held from the system, in use or cached. */
  public long peakReservedBytes() {
    return allocator.peakReserved();
  }

  CachingAllocator allocator() {
    return allocator;
  }

  /** Gives cached memory back and ends the threads. Tensors still live are an error. */
  @Override
  public void close() {
    if (ledger.current() != 0) {
      throw new IllegalStateException(
          description + " closed with " + ledger.current() + " bytes live: " + ledger.byPurpose());
    }
    allocator.releaseIdleSlabs();
    onClose.run();
  }
}
