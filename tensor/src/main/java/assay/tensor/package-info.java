/** Shapes, tensors and their memory, and the kernels that compute with them. */
package assay.tensor;
