"""Every door of the product, tried by everybody: who may open it, and that it says nothing to whoever may not."""
