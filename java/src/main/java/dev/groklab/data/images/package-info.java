/**
 * Small colour images with labels: CIFAR-10's files ({@link dev.groklab.data.images.CifarFiles}),
 * drawn shapes in the same format ({@link dev.groklab.data.images.Shapes}), and the numbers that a
 * network reads of them ({@link dev.groklab.data.images.Features}).
 */
package dev.groklab.data.images;
