# Reference values of tests/stats/omnibus/test_beyond.py: Rscript omnibus.R, R 4.2.
# Conover's counts of hand lotion sold (1999, p. 375), the example of R's quade.test.
d <- matrix(c(5,4,7,10,12, 1,3,1,0,2, 16,12,22,22,35, 5,4,3,5,4, 10,9,7,13,10, 19,18,28,37,58, 10,7,6,8,7), nrow = 7, byrow = TRUE)
print(quade.test(d))                                    # F 3.8293, df 4, 24, p .01519
n <- nrow(d); k <- ncol(d)
r <- matrix(rank(-round(d - rowMeans(d), 10)), n, k)    # aligned ranks
A <- (k - 1) * sum((colSums(r) - n * (n * k + 1) / 2)^2) / (sum(r^2) - sum(rowSums(r)^2) / k)
cat(sprintf("aligned %.10f p %.10f\n", A, pchisq(A, k - 1, lower = FALSE)))    # 10.3228206743, .0353271095
rr <- t(apply(-d, 1, rank)); S <- colSums(rr)
se <- sqrt(2 * n * (sum(rr^2) - sum(S^2) / n) / ((n - 1) * (k - 1)))
for (i in 1:(k - 1)) for (j in (i + 1):k) {
  t <- (S[j] - S[i]) / se
  cat(sprintf("conover %d %d t %.10f p %.10f\n", i, j, t, 2 * pt(-abs(t), (n - 1) * (k - 1))))
}
# Assembly times (Hollander and Wolfe 1999, p. 331), the published value being SM = 15.493.
library(MASS)
m <- rbind(c(3.2,4.1,3.8,4.2), c(3.1,3.9,3.4,4.0), c(4.3,3.5,4.6,4.8), c(3.5,3.6,3.9,4.0), c(3.6,4.2,3.7,3.9),
           c(4.5,4.7,3.7,NA), c(NA,4.2,3.4,NA), c(4.3,4.6,4.4,4.9), c(3.5,NA,3.7,3.9))
A <- rep(0, 4); V <- matrix(0, 4, 4)
for (i in 1:nrow(m)) {
  o <- !is.na(m[i, ]); ki <- sum(o); q <- rep(0, 4)
  q[o] <- rank(m[i, o]) - (ki + 1) / 2
  A <- A + sqrt(12 / (ki + 1)) * q
  V[o, o] <- V[o, o] - 1
}
diag(V) <- 0; diag(V) <- -rowSums(V)
SM <- drop(t(A) %*% ginv(V) %*% A)
cat(sprintf("Skillings-Mack %.10f p %.10f\n", SM, pchisq(SM, 3, lower = FALSE)))   # 15.4930487975, .0014402963
