// A click on a figure opens it in its full size.
document.addEventListener("DOMContentLoaded", () => {
  for (const image of document.querySelectorAll("article img")) {
    image.addEventListener("click", () => window.open(image.src));
  }
});
