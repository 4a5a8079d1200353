/** What the kernels of every device check and work out before they compute. Not exported. */
package assay.tensor.kernel;
