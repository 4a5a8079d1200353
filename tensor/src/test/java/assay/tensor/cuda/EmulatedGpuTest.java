package assay.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUdevice;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults are planted in kernels: the emulated GPU must find each, and say what it found. */
@Tag("emulated-gpu")
class EmulatedGpuTest {
  private static final int COUNT = 64;
  private static final int SUCCESS = CUresult.CUDA_SUCCESS;

  @TempDir private Path folder;
  private CudaContext context;
  private DevicePointer x;
  private DevicePointer out;

  @BeforeEach
  void open() {
    System.setProperty(KernelCompiler.FOLDER_PROPERTY, folder.toString());
    context = new CudaContext(0);
    x = allocate();
    out = allocate();
    float[] values = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      values[i] = i;
    }
    assertEquals(SUCCESS, JCudaDriver.cuMemcpyHtoD(x, Pointer.to(values), 4 * COUNT));
  }

  @AfterEach
  void close() {
    System.clearProperty(KernelCompiler.FOLDER_PROPERTY);
    CUdevice device = new CUdevice();
    assertEquals(SUCCESS, JCudaDriver.cuDeviceGet(device, 0));
    assertEquals(SUCCESS, JCudaDriver.cuDevicePrimaryCtxReset(device)); // an error stays otherwise
    context.close();
  }

  private static DevicePointer allocate() {
    DevicePointer pointer = new DevicePointer();
    assertEquals(SUCCESS, JCudaDriver.cuMemAlloc(pointer, 4 * COUNT));
    return pointer;
  }

  /** The kernel {@code planted(const float *x, float *out)}; t is the thread's number. */
  private CUfunction kernel(String body) throws IOException {
    Files.writeString(
        folder.resolve("planted.cu"),
        """
        extern "C" __global__ void planted(const float *x, float *out) {
          const int t = threadIdx.x;
        %s
        }
        """
            .formatted(body));
    CUmodule module = new CUmodule();
    byte[] code = new KernelCompiler("sm_90").compile("planted.cu", List.of());
    assertEquals(SUCCESS, JCudaDriver.cuModuleLoadData(module, code));
    CUfunction function = new CUfunction();
    assertEquals(SUCCESS, JCudaDriver.cuModuleGetFunction(function, module, "planted"));
    return function;
  }

  private int launch(CUfunction kernel, int blocksY, int threads, int dynamicBytes) {
    Pointer parameters = Pointer.to(Pointer.to(x), Pointer.to(out));
    return JCudaDriver.cuLaunchKernel(
        kernel, 1, blocksY, 1, threads, 1, 1, dynamicBytes, null, parameters, null);
  }

  /** What out holds after a launch with a thread for each element. */
  private float[] run(String body) throws IOException {
    assertEquals(SUCCESS, launch(kernel(body), 1, COUNT, 0));
    float[] values = new float[COUNT];
    assertEquals(SUCCESS, JCudaDriver.cuMemcpyDtoH(Pointer.to(values), out, 4 * COUNT));
    return values;
  }

  private void assertReport(int error, String words, String body) throws IOException {
    launch(kernel(body), 1, COUNT, 0);
    assertEquals(error, JCudaDriver.cuCtxSynchronize());
    String[] report = new String[1];
    JCudaDriver.cuGetErrorString(error, report);
    assertTrue(report[0].contains(words), report[0]);
    assertTrue(
        report[0].startsWith("planted.cu, kernel planted: block (0,0,0), thread ("), report[0]);
  }

  @Test
  void aKernelWithoutFaultRuns() throws IOException {
    float[] reversed =
        run(
            """
            __shared__ float shared[64];
            shared[t] = x[t];
            __syncthreads();
            out[t] = shared[63 - t];
            """);
    for (int i = 0; i < COUNT; i++) {
      assertEquals(63 - i, reversed[i]);
    }
  }

  @Test
  void aMissingBarrierShows() throws IOException {
    String body = "__shared__ float shared[64]; shared[t] = x[t]; out[t] = shared[63 - t];";
    for (int launch = 0; launch < 2; launch++) {
      boolean unwritten = false;
      for (float value : run(body)) {
        unwritten |= Float.isNaN(value);
      }
      assertTrue(unwritten);
    }
  }

  @Test
  void aMissingBarrierInAWarpShows() throws IOException {
    float[] values =
        run(
            "__shared__ float shared[64]; shared[t] = x[t]; out[t] = shared[t ^ 1]; out[t] = out[t];");
    assertTrue(Float.isNaN(values[0]) || Float.isNaN(values[1]));
  }

  @Test
  void memoryThatWasNotWrittenIsNan() throws IOException {
    float[] shared = run("__shared__ float shared[64]; out[t] = shared[t];");
    float[] dynamic = run("extern __shared__ float shared[]; out[t] = shared[0];");
    float[] global = run("if (t == 0) out[0] = out[1];");
    assertTrue(Float.isNaN(shared[5]));
    assertTrue(Float.isNaN(dynamic[5]));
    assertTrue(Float.isNaN(global[0]));
  }

  @Test
  void sharedMemoryOfTheLastBlockIsNotSeen() throws IOException {
    String body = "__shared__ float shared[64]; if (x[1] == %d) shared[t] = 7; out[t] = shared[t];";
    assertEquals(7, run(body.formatted(1))[3]);
    assertTrue(Float.isNaN(run(body.formatted(2))[3]));
  }

  @Test
  void aWriteOutsideOfAnAllocationIsReported() throws IOException {
    assertReport(
        CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
        "write of 4 bytes at byte 256 of an allocation of 256 bytes",
        "out[t + 1] = 0;");
  }

  @Test
  void aReadOutsideOfAnAllocationIsReported() throws IOException {
    assertReport(
        CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
        "read of 4 bytes 4 bytes before an allocation of 256 bytes",
        "out[t] = x[t - 1];");
  }

  @Test
  void aReadOfFreedMemoryIsReported() throws IOException {
    assertEquals(SUCCESS, JCudaDriver.cuMemFree(x));
    assertReport(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, "read of 4 bytes", "out[t] = x[t];");
  }

  @Test
  void anIndexOutsideOfASharedArrayIsReported() throws IOException {
    assertReport(
        CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
        "index 64 is outside of an array at planted.cu:3",
        "__shared__ float shared[64]; shared[t + 1] = 0;");
  }

  @Test
  void aMisalignedVectorIsReported() throws IOException {
    assertReport(
        CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
        "at planted.cu:3",
        "if (t < 8) out[t] = ((const float4 *) (x + 1))[t].y;");
  }

  @Test
  void threadsThatWaitForEverAreReported() throws IOException {
    assertReport(
        CUresult.CUDA_ERROR_LAUNCH_FAILED,
        "64 of 64 threads wait for ever",
        "if (t % 32 < 16) __syncthreads(); else out[t] = __shfl_sync(0xffffffffu, x[t], 0);");
  }

  @Test
  void aBarrierInABranchIsReported() throws IOException {
    assertReport(
        CUresult.CUDA_ERROR_LAUNCH_FAILED,
        "32 of 64 threads ended without the __syncthreads of planted.cu:3",
        "if (t < 32) __syncthreads();");
    close();
    open();
    assertReport(
        CUresult.CUDA_ERROR_LAUNCH_FAILED,
        "threads of a block wait at different barriers",
        "if (t < 32) __syncthreads();\nelse __syncthreads();");
  }

  @Test
  void lanesThatMeetAtDifferentPrimitivesAreReported() throws IOException {
    assertReport(
        CUresult.CUDA_ERROR_LAUNCH_FAILED,
        " of another lane",
        "if (t % 2) __syncwarp(); else out[t] = __shfl_sync(0xffffffffu, x[t], 0);");
  }

  @Test
  void aShuffleFromALaneThatIsNotThereGivesNan() throws IOException {
    float[] values = run("if (t % 32 < 16) out[t] = __shfl_sync(0xffffu, x[t], 20);");
    assertTrue(Float.isNaN(values[0]));
  }

  @Test
  void launchesBeyondTheLimitsAreRefused() throws IOException {
    CUfunction kernel = kernel("if (t < 64) out[t] = x[t];");
    int refused = CUresult.CUDA_ERROR_INVALID_VALUE;
    assertEquals(SUCCESS, launch(kernel, 65535, 64, 0));
    assertEquals(refused, launch(kernel, 65536, 64, 0));
    assertEquals(SUCCESS, launch(kernel, 1, 1024, 48 << 10));
    assertEquals(refused, launch(kernel, 1, 1025, 0));
    assertEquals(refused, launch(kernel, 1, 64, (48 << 10) + 1));
    int attribute = CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
    assertEquals(SUCCESS, JCudaDriver.cuFuncSetAttribute(kernel, attribute, 100 << 10));
    assertEquals(SUCCESS, launch(kernel, 1, 64, 100 << 10));
    assertEquals(refused, JCudaDriver.cuFuncSetAttribute(kernel, attribute, 228 << 10));
  }

  @Test
  void copiesOutsideOfAnAllocationAreRefused() {
    float[] values = new float[COUNT + 1];
    assertEquals(
        CUresult.CUDA_ERROR_INVALID_VALUE,
        JCudaDriver.cuMemcpyDtoH(Pointer.to(values), x, 4 * (COUNT + 1)));
    assertArrayEquals(new float[COUNT + 1], values);
    assertFalse(Float.isNaN(values[0]));
  }
}
