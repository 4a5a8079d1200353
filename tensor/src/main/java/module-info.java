/** Shapes, tensors, their memory, and the kernels that compute with them. */
module assay.tensor {
  requires jdk.jfr;
  requires static jcublas;
  requires static jcuda;
  requires static jcudnn;
  requires static jdk.incubator.vector;

  exports assay.tensor;
  exports assay.tensor.comm;
}
