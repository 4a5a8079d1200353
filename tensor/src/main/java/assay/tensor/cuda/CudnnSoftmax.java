package assay.tensor.cuda;

import static assay.tensor.cuda.CudaException.check;

import assay.tensor.DType;
import assay.tensor.Tensor;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnSoftmaxAlgorithm;
import jcuda.jcudnn.cudnnSoftmaxMode;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import jcuda.runtime.cudaStream_t;

/** Softmax of the rows of a matrix by cuDNN, which is opened when it is first wanted. */
final class CudnnSoftmax implements AutoCloseable {
  private final CudaContext context;
  private cudnnHandle handle;
  private cudnnTensorDescriptor matrix; // of the tensors of the call

  CudnnSoftmax(CudaContext context) {
    this.context = context;
  }

  synchronized void forward(Tensor x, Tensor out) {
    describe(x);
    checkCudnn(
        JCudnn.cudnnSoftmaxForward(
            handle,
            cudnnSoftmaxAlgorithm.CUDNN_SOFTMAX_ACCURATE, // the largest is subtracted first
            cudnnSoftmaxMode.CUDNN_SOFTMAX_MODE_INSTANCE,
            scalar(1, x),
            matrix,
            new DevicePointer(x.address()),
            scalar(0, x),
            matrix,
            new DevicePointer(out.address())),
        "cudnnSoftmaxForward");
  }

  synchronized void backward(Tensor y, Tensor dy, Tensor dx) {
    describe(y);
    checkCudnn(
        JCudnn.cudnnSoftmaxBackward(
            handle,
            cudnnSoftmaxAlgorithm.CUDNN_SOFTMAX_ACCURATE,
            cudnnSoftmaxMode.CUDNN_SOFTMAX_MODE_INSTANCE,
            scalar(1, y),
            matrix,
            new DevicePointer(y.address()),
            matrix,
            new DevicePointer(dy.address()),
            scalar(0, y),
            matrix,
            new DevicePointer(dx.address())),
        "cudnnSoftmaxBackward");
  }

  private void describe(Tensor x) {
    context.makeCurrent();
    if (handle == null) {
      CudaLibraries.loadCudnn();
      handle = new cudnnHandle();
      checkCudnn(JCudnn.cudnnCreate(handle), "cudnnCreate");
      checkCudnn(
          JCudnn.cudnnSetStream(handle, new cudaStream_t(context.stream())), "cudnnSetStream");
      matrix = new cudnnTensorDescriptor();
      checkCudnn(JCudnn.cudnnCreateTensorDescriptor(matrix), "cudnnCreateTensorDescriptor");
    }
    checkCudnn(
        JCudnn.cudnnSetTensor4dDescriptor(
            matrix,
            cudnnTensorFormat.CUDNN_TENSOR_NCHW,
            type(x.dtype()),
            x.numRows(),
            x.numColumns(),
            1,
            1),
        "cudnnSetTensor4dDescriptor");
  }

  private static int type(DType dtype) {
    return switch (dtype) {
      case F64 -> cudnnDataType.CUDNN_DATA_DOUBLE;
      case F32 -> cudnnDataType.CUDNN_DATA_FLOAT;
      case BF16 -> cudnnDataType.CUDNN_DATA_BFLOAT16;
      case I32, I16 -> throw new IllegalArgumentException("softmax: " + dtype + " has none");
    };
  }

  /** Factors are double for F64, else float. */
  private static Pointer scalar(double value, Tensor x) {
    return x.dtype() == DType.F64
        ? Pointer.to(new double[] {value})
        : Pointer.to(new float[] {(float) value});
  }

  /** JCuda knows the names of cuDNN 8's errors; cuDNN 9 says its own. */
  private static void checkCudnn(int status, String call) {
    if (status != 0) {
      check(status, JCudnn.cudnnGetErrorString(status), call);
    }
  }

  @Override
  public synchronized void close() {
    if (handle != null) {
      context.makeCurrent();
      JCudnn.cudnnDestroyTensorDescriptor(matrix);
      JCudnn.cudnnDestroy(handle);
    }
  }
}
