"""An empty window of Qt: run by the toolkits' environment, as a program."""

from PySide6.QtWidgets import QApplication, QWidget

application = QApplication([])
window = QWidget()
window.setStyleSheet("background: #e5484d")
window.showFullScreen()
application.exec()
